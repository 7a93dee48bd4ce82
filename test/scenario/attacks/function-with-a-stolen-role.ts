import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import type { Attack } from '../../support/attack.ts';
import { holding } from '../../support/attacker.ts';
import { readEvent } from '../../support/events.ts';
import { keyId } from '../../support/road.ts';

/** A package with a back door sends the function's credentials out, and goes on running in it. */
export const attack: Attack = {
  title: 'A function sends out the credentials of its role, which are used elsewhere while the function goes on',
  known: 'GuardDuty tester: Backdoor:Lambda/C&CActivity.B; ATT&CK T1648 and T1552.005',
  answer: 'The function is stopped, and the one session of its role is denied everything',
  clouds: ['aws'],
  async play({ sandbox, works, fails, arrives }) {
    const s3 = new S3Client(holding(sandbox, 'ASIARESIZEIMAGES0001'));
    const lambda = new LambdaClient(holding(sandbox, keyId));
    await works('lists the uploads of customers with what it stole', () =>
      s3.send(new ListObjectsV2Command({ Bucket: 'northwind-uploads' })),
    );
    await works('runs its code in the function', () =>
      lambda.send(new InvokeCommand({ FunctionName: 'resize-images' })),
    );
    const [run] = await arrives(readEvent('guardduty/lambda'));
    expect(run?.result?.outcome).toBe('contained');
    await fails('lists the uploads of customers with what it stole');
    await fails('runs its code in the function');
  },
};
