import type { JsonObject } from './json.ts';

/** What a command answers and a later one needs: `mark` stands for it wherever it is used. */
export type Given = { readonly variable: string; readonly mark: string; readonly query: string };

/** What must be so before the next command: a read of the same service, and what it must show. */
export type Until = {
  readonly operation: string;
  readonly input: JsonObject;
  readonly query: string;
  readonly is: string;
};

/** One call that changes something, as a person can make it. */
export type Command =
  | {
      readonly kind: 'aws';
      readonly account: string;
      readonly region: string;
      /** As the SDK names them: `EC2`, `CreateSecurityGroup`. */
      readonly service: string;
      readonly operation: string;
      readonly input: JsonObject;
      readonly gives?: Given;
      readonly until?: Until;
    }
  | {
      readonly kind: 'azure';
      readonly method: string;
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      /** JSON text, or empty. */
      readonly body: string;
    }
  /** A request to the API server of a cluster, by its name (EKS) or its ARM id (AKS). */
  | {
      readonly kind: 'kubernetes';
      readonly cluster: string;
      /** Empty for AKS. */
      readonly region: string;
      readonly method: string;
      readonly path: string;
      /** JSON text, or empty. */
      readonly body: string;
    }
  /** A bearer token for an audience, which a later command hands on. */
  | { readonly kind: 'azure-token'; readonly audience: string; readonly gives: Given }
  | { readonly kind: 'wait'; readonly seconds: number };

/** The commands of one step of a plan. */
export type StepCommands = {
  readonly step: string;
  readonly title: string;
  readonly cloud: 'aws' | 'azure';
  readonly account: string;
  readonly region: string;
  readonly commands: readonly Command[];
  /** Why there are none, where there are none. */
  readonly without?: string;
};

const sign = 'cordon0given0';

/** Text that stands for what only an earlier command will tell; `first` is what the SDK wants such names to begin with. */
export const markFor = (variable: string, first = ''): string => `${first}${sign}${variable.replaceAll('_', '0')}z`;

/** Whether a text asks for something that only an earlier command will tell. */
export const isMarked = (text: string): boolean => text.includes(sign);
