import { CreateAccessKeyCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect } from 'vitest';
import { attend } from '../../../shared/run/attend.ts';
import type { Attack } from '../../support/attack.ts';
import { holding } from '../../support/attacker.ts';
import { carryOn, keyId, leakedKey } from '../../support/road.ts';

/** Whoever holds a second way in makes a new key as soon as the first is refused. */
export const attack: Attack = {
  title: 'A second key is made through another way in, two seconds after the first was turned off',
  known: 'Stratus Red Team aws.persistence.iam-backdoor-user',
  answer: 'The watch finds the new key within a minute and turns it off too',
  clouds: ['aws'],
  async play({ sandbox, deps, engine, signal, works, fails, arrives }) {
    const calls = (accessKeyId: string) => () =>
      new STSClient(holding(sandbox, accessKeyId)).send(new GetCallerIdentityCommand({}));
    await works('calls with the first key', calls(keyId));
    const elsewhere = new IAMClient(holding(sandbox, 'ASIASAMLADMIN0000001'));
    let making: Promise<string> | undefined;
    const stop = sandbox.recorder.onCall(({ operation }) => {
      if (operation !== 'iam:UpdateAccessKey' || making) return;
      sandbox.clock.advance(2);
      const made = elsewhere.send(new CreateAccessKeyCommand({ UserName: 'ci-deploy' }));
      making = made.then(({ AccessKey }) => AccessKey?.AccessKeyId ?? '');
    });
    const [run] = await arrives(leakedKey().event);
    stop();
    expect(run?.result?.outcome).toBe('contained');
    await fails('calls with the first key');
    await works('calls with the second key', calls((await making) ?? ''));
    const started: string[] = [];
    sandbox.clock.advance(60);
    await attend({ ...deps, starter: { start: async (runId) => void started.push(runId) } }, signal);
    for (const runId of started) await carryOn({ sandbox, deps, engine, signal }, runId);
    await fails('calls with the second key');
  },
};
