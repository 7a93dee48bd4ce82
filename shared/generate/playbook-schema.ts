import * as z from 'zod';
import { Playbook } from '../model/playbook.ts';
import type { Generated } from './generated.ts';

/** The JSON Schema that editors complete and check playbooks with. */
export function playbookSchema(): Generated {
  const schema = z.toJSONSchema(Playbook, { io: 'input', target: 'draft-2020-12' });
  const text = JSON.stringify({ $id: 'playbook.schema.json', title: 'Cordon playbook', ...schema }, null, 2);
  return { path: 'playbooks/playbook.schema.json', text: `${text}\n` };
}
