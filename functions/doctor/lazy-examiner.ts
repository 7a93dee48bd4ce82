import type { Examiner } from '../../shared/ports/examiner.ts';
import type { Patient } from './doctor.ts';

/** The doctor with the SDK clients of all that it looks at, loaded when it is first asked: few requests ever do. */
export function lazyExaminer(patient: () => Promise<Patient>): Examiner {
  let loading: Promise<Examiner> | undefined;
  const loaded = (): Promise<Examiner> => {
    loading ??= import('./doctor.ts').then(({ examinerOf }) => examinerOf(patient));
    return loading;
  };
  return {
    parts: async () => (await loaded()).parts(),
    examine: async (part, signal) => (await loaded()).examine(part, signal),
  };
}
