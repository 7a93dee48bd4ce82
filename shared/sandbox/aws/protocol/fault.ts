import { CordonError } from '../../../model/error.ts';

type Options = {
  /** HTTP status; without one the service's model decides, and 400 where it is silent. */
  readonly status?: number;
  /** Further members of a modelled error, or further elements of an S3 error. */
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly retryable?: boolean;
  readonly cause?: unknown;
};

/** What the sandbox refuses, by the code AWS puts on the wire (`NoSuchEntity`, not the SDK's `NoSuchEntityException`). */
export class AwsFault extends CordonError {
  readonly awsCode: string;
  readonly status: number | undefined;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(awsCode: string, message: string, { status, fields = {}, ...rest }: Options = {}) {
    super({ code: 'sandbox-fault', message, ...rest });
    this.awsCode = awsCode;
    this.status = status;
    this.fields = fields;
  }
}
