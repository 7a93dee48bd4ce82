import type { V1LabelSelector } from '@kubernetes/client-node/dist/gen/models/V1LabelSelector.js';

export type Labels = Readonly<Record<string, string>>;

type Expression = { readonly key: string; readonly operator: string; readonly values?: readonly string[] };

/** One requirement of a selector (kubernetes.io/docs/concepts/overview/working-with-objects/labels). */
const fits = (labels: Labels, { key, operator, values = [] }: Expression): boolean => {
  const value = labels[key];
  if (operator === 'Exists') return value !== undefined;
  if (operator === 'DoesNotExist') return value === undefined;
  if (operator === 'In') return value !== undefined && values.includes(value);
  return operator === 'NotIn' && (value === undefined || !values.includes(value));
};

/** Whether a selector selects something with these labels; an empty one selects everything. */
export const selects = ({ matchLabels = {}, matchExpressions = [] }: V1LabelSelector, labels: Labels): boolean =>
  Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
  matchExpressions.every((expression) => fits(labels, expression));

/** The labels that a selector asks for: without one of them it selects no more. None where it selects by what is missing. */
export const keysAskedFor = ({ matchLabels = {}, matchExpressions = [] }: V1LabelSelector): readonly string[] =>
  [
    ...Object.keys(matchLabels),
    ...matchExpressions.filter(({ operator }) => ['In', 'Exists'].includes(operator)).map(({ key }) => key),
  ].sort();
