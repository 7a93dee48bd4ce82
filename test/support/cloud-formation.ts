import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseDocument } from 'yaml';
import * as z from 'zod';
import { isObject, own } from '../../shared/model/json.ts';

type Members = Readonly<Record<string, unknown>>;

/** The value of a node, its tags written out (`!Ref X` as `{ Ref: X }`), its aliases and merged keys resolved. */
function plain(node: unknown, document: Document): unknown {
  if (isAlias(node)) return plain(node.resolve(document), document);
  const { tag = '' } = (node ?? {}) as Node; // what is no alias and not null is a node
  const value = untagged(node, document);
  if (!/^![A-Z]/.test(tag)) return value;
  const name = tag === '!Ref' || tag === '!Condition' ? tag.slice(1) : `Fn::${tag.slice(1)}`;
  return { [name]: value };
}

function untagged(node: unknown, document: Document): unknown {
  if (isSeq(node)) return node.items.map((item) => plain(item, document));
  if (isMap(node)) {
    const members = (node.items as Pair[]).map(({ key, value }) => [String(key), plain(value, document)] as const);
    const merged = members.flatMap(([key, value]) => (key === '<<' ? Object.entries(Object(value)) : []));
    return Object.fromEntries([...merged, ...members.filter(([key]) => key !== '<<')]);
  }
  return isScalar(node) ? node.value : null;
}

/** Reads YAML as CloudFormation writes it. Throws where it is none. */
export function readTagged(text: string): unknown {
  const document = parseDocument(text, { merge: true });
  const [error] = document.errors;
  if (error) throw error;
  return plain(document.contents, document);
}

const Resource = z.object({
  Type: z.string(),
  Condition: z.string().optional(),
  DeletionPolicy: z.string().optional(),
  Properties: z.record(z.string(), z.unknown()).default({}),
});
export type Resource = z.output<typeof Resource> & { readonly arn?: string };
/** What a stack makes, by logical id. */
export type Stack = Readonly<Record<string, Resource>>;
const Template = z.object({
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Parameters: z.record(z.string(), z.looseObject({ Type: z.string(), Default: z.unknown().optional() })).default({}),
  Resources: z.record(z.string(), Resource),
});

/** Where a stack stands, and what differs from its defaults. */
export type Given = {
  readonly account?: string;
  readonly region?: string;
  readonly parameters?: Readonly<Record<string, string | readonly string[]>>;
  /** ARNs of resources, by logical id, in place of those that are made up. */
  readonly arns?: Readonly<Record<string, string>>;
  readonly conditions?: Readonly<Record<string, boolean>>;
};

/** What names a resource, by its type: the member of its properties, and what stands before the name in the ARN. */
const kinds: Readonly<Record<string, readonly [member: string, arn: string]>> = {
  'AWS::SQS::Queue': ['QueueName', 'sqs:{region}:{account}:'],
  'AWS::DynamoDB::Table': ['TableName', 'dynamodb:{region}:{account}:table/'],
  'AWS::S3::Bucket': ['BucketName', 's3:::'],
  'AWS::IAM::Role': ['RoleName', 'iam::{account}:role/'],
  'AWS::IAM::ManagedPolicy': ['ManagedPolicyName', 'iam::{account}:policy/'],
  'AWS::Events::Rule': ['Name', 'events:{region}:{account}:rule/'],
  'AWS::Events::EventBus': ['Name', 'events:{region}:{account}:event-bus/'],
  'AWS::SNS::Topic': ['TopicName', 'sns:{region}:{account}:'],
  'AWS::CloudWatch::Alarm': ['AlarmName', 'cloudwatch:{region}:{account}:alarm:'],
  'AWS::Lambda::Function': ['FunctionName', 'lambda:{region}:{account}:function:'],
  'AWS::SecretsManager::Secret': ['Name', 'secretsmanager:{region}:{account}:secret:'],
};
/** What Ref gives as an ARN rather than as a name. */
const byArn = ['AWS::SNS::Topic', 'AWS::IAM::ManagedPolicy', 'AWS::SecretsManager::Secret'];

/** A template in one place: its resources as they would be made, every reference resolved. */
export function stackOf(template: unknown, given: Given = {}): Stack {
  const { account = '999988887777', region = 'eu-west-1', parameters = {}, arns = {}, conditions = {} } = given;
  const { Conditions, Parameters, Resources } = Template.parse(template);
  const defaults = Object.entries(Parameters).map(([name, { Type, Default }]) => [
    name,
    Type === 'CommaDelimitedList' ? String(Default ?? '').split(',') : Default,
  ]);
  const known: Members = {
    'AWS::AccountId': account,
    'AWS::Region': region,
    'AWS::Partition': 'aws',
    'AWS::StackName': 'cordon',
    'AWS::NoValue': undefined,
    ...Object.fromEntries(defaults),
    ...parameters,
  };
  const holds = (name: string): boolean => conditions[name] ?? resolve(Conditions[name]) === true;

  const nameOf = (id: string, { Type, Properties }: Resource): string => {
    const [member = ''] = kinds[Type] ?? [];
    const name = Properties[member] === undefined ? id : String(resolve(Properties[member]));
    const bus = Type === 'AWS::Events::Rule' ? resolve(Properties['EventBusName']) : undefined;
    return typeof bus === 'string' ? `${bus}/${name}` : name;
  };
  function arnOf(id: string): string {
    const known = arns[id];
    if (known !== undefined) return known;
    const resource = Resources[id];
    if (!resource) throw new TypeError(`the template has no resource ${id}`);
    const [, before = 'unknown:{region}:{account}:'] = kinds[resource.Type] ?? [];
    const name = nameOf(id, resource);
    return `arn:aws:${before.replace('{region}', region).replace('{account}', account)}${name}`;
  }
  function reference(id: string): unknown {
    if (Object.hasOwn(known, id)) return known[id];
    if (arns[id] !== undefined) return arns[id].split(':').at(-1);
    const resource = Resources[id];
    if (!resource) throw new TypeError(`the template has no ${id}`);
    return byArn.includes(resource.Type) ? arnOf(id) : nameOf(id, resource);
  }
  const attribute = (id: string, name: string): unknown => (name === 'Arn' ? arnOf(id) : reference(id));

  function substitute(given: unknown): string {
    const [text, values] = Array.isArray(given) ? [String(given[0]), Object(given[1])] : [String(given), {}];
    const filled = text.replace(/\$\{([\w:]+)(?:\.(\w+))?\}/g, (whole, id: string, of: string | undefined) => {
      if (Object.hasOwn(values, id)) return String(resolve(own(values, id)));
      if (of !== undefined) return String(attribute(id, of));
      const isKnown = [known, Resources, arns].some((all) => Object.hasOwn(all, id));
      if (!isKnown && !/^(self|sls|param|opt|file):/.test(id)) throw new TypeError(`nothing is called ${whole}`);
      return isKnown ? String(reference(id)) : whole;
    });
    return filled.replaceAll('${!', '${');
  }
  const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
  const functions: Readonly<Record<string, (value: unknown) => unknown>> = {
    Ref: (id) => reference(String(id)),
    Condition: (name) => holds(String(name)),
    'Fn::GetAtt': (path) => {
      const [id = '', name = ''] = Array.isArray(path) ? path.map(String) : String(path).split('.');
      return attribute(id, name);
    },
    'Fn::Sub': substitute,
    'Fn::Join': (value) =>
      list(resolve(list(value)[1]))
        .map(String)
        .join(String(list(value)[0])),
    'Fn::If': (value) => resolve(list(value)[holds(String(list(value)[0])) ? 1 : 2]),
    'Fn::Equals': (value) => resolve(list(value)[0]) === resolve(list(value)[1]),
    'Fn::Not': (value) => resolve(list(value)[0]) !== true,
    'Fn::And': (value) => list(value).every((one) => resolve(one) === true),
    'Fn::Or': (value) => list(value).some((one) => resolve(one) === true),
  };
  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve).filter((one) => one !== undefined);
    if (!isObject(value)) return value;
    const [[name, of] = ['', undefined], ...more] = Object.entries(value);
    const call = Object.hasOwn(functions, name) && more.length === 0 ? functions[name] : undefined;
    if (call && (name !== 'Condition' || typeof of === 'string')) return call(of);
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, resolve(member)]));
  }
  const made = Object.entries(Resources).filter(([, { Condition }]) => Condition === undefined || holds(Condition));
  return Object.fromEntries(
    made.map(([id, resource]) => [
      id,
      {
        ...resource,
        Properties: z.record(z.string(), z.unknown()).parse(resolve(resource.Properties)),
        ...(kinds[resource.Type] && { arn: arnOf(id) }),
      },
    ]),
  );
}
