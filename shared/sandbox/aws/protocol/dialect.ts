import type { StaticErrorSchema } from '@smithy/types';
import type { HttpRequest, HttpResponse } from '../../http.ts';
import type { AwsFault } from './fault.ts';
import type { AwsOperation, AwsService } from './service.ts';

/** What a request asks for, in the SDK's terms. */
export type Decoded = { readonly operation: string; readonly input: Record<string, unknown> };

/** A fault as it goes out: with its status settled and its model where it has one. */
export type SettledFault = {
  readonly fault: AwsFault;
  readonly status: number;
  readonly model: StaticErrorSchema | undefined;
};

/** The server side of a protocol. */
export type Dialect = {
  /** The code with which a request is refused that cannot be read. */
  readonly malformed: string;
  decode(service: AwsService, request: HttpRequest): Promise<Decoded>;
  output(
    service: AwsService,
    operation: AwsOperation,
    output: Readonly<Record<string, unknown>>,
    requestId: string,
  ): HttpResponse;
  fault(service: AwsService, fault: SettledFault, requestId: string): HttpResponse;
};
