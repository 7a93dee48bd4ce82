import * as z from 'zod';
import { Settings } from '../config/settings.ts';
import type { Generated } from './generated.ts';

/** The JSON Schema of `cordon.yaml`. */
export function settingsSchema(): Generated {
  const schema = z.toJSONSchema(Settings, { io: 'input', target: 'draft-2020-12' });
  const text = JSON.stringify({ $id: 'settings.schema.json', title: 'Cordon settings', ...schema }, null, 2);
  return { path: 'shared/reference/settings.schema.json', text: `${text}\n` };
}
