import { CordonError } from '../model/error.ts';

/** Thrown by `apply`: what somebody else has done since stands in the way, so that this one change is left to them and named. */
export class ForeignEdit extends CordonError {
  constructor(message: string) {
    super({
      code: 'foreign-edit',
      message,
      remedy: 'Take their edit back by hand and then what Cordon has left, or leave both.',
    });
  }
}
