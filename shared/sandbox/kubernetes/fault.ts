import { CordonError } from '../../model/error.ts';
import { type HttpResponse, httpResponse } from '../http.ts';

/** What a simulated API server refuses, by the reason of its Status (kubernetes.io/docs/reference/kubernetes-api/common-definitions/status). */
export class KubernetesFault extends CordonError {
  readonly reason: string;
  readonly status: number;

  constructor(status: number, reason: string, message: string) {
    super({ code: 'sandbox-fault', message });
    this.reason = reason;
    this.status = status;
  }
}

/** The fault as the Status object that clients read. */
export const faultResponse = ({ status, reason, message }: KubernetesFault, auditId: string): HttpResponse =>
  httpResponse(
    status,
    {
      'content-type': 'application/json',
      'audit-id': auditId,
      ...(status === 429 && { 'retry-after': '1' }),
    },
    JSON.stringify({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      code: status,
    }),
  );
