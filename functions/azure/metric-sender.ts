import type { TokenCredential } from '@azure/core-auth';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import {
  AzureMonitorBaseExporter,
  type AzureMonitorExporterOptions,
  AzureMonitorMetricExporter,
} from '@azure/monitor-opentelemetry-exporter';
import { MeterProvider, MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { messageOf, ProviderError } from '../../shared/model/error.ts';
import type { Measured } from '../../shared/ports/metrics.ts';
import { type MetricName, metrics } from '../../shared/report/metrics.ts';

/** Sends measurements; rejects where they were not taken, or not in time. */
export type MetricSender = (measured: readonly Measured[]) => Promise<void>;

export type SenderOptions = {
  readonly stage: string;
  /** That of Application Insights: it names the endpoint and holds no secret. */
  readonly connectionString: string;
  /** Who may publish metrics there. */
  readonly credential: TokenCredential;
  /** The name of the app as its logs have it (`AppRoleName`). */
  readonly role: string;
  /** What differs from the SDK's own settings: whom it believes, where that is not the world's authorities. */
  readonly client?: Pick<AzureMonitorExporterOptions, 'tlsOptions'>;
};

/** What one sending has, the token for it included. */
const limitMilliseconds = 2_000;

const refused = [401, 403];
const notTaken = (status: number, why: string, cause?: unknown): ProviderError =>
  new ProviderError({
    ...{ code: 'metrics-not-taken', status, indeterminate: status === 0, retryable: true, cause },
    message: `Application Insights did not take metrics: ${why}`,
    ...(refused.includes(status) && { remedy: 'Give the home identity the role Monitoring Metrics Publisher there.' }),
  });

/**
 * Gives a request its deadline, and remembers what went wrong with the last: the exporter, which may keep nothing on
 * disk, calls lost what it could have sent again later a success.
 */
function deadlined(last: { fault?: ProviderError | undefined }): PipelinePolicy {
  return {
    name: 'cordonDeadlinePolicy',
    async sendRequest(request, next) {
      request.abortSignal = AbortSignal.timeout(limitMilliseconds);
      try {
        const response = await next(request);
        const { status } = response;
        last.fault = status === 200 ? undefined : notTaken(status, `it answered ${status}`);
        return response;
      } catch (thrown) {
        last.fault = notTaken(0, messageOf(thrown), thrown);
        throw thrown;
      }
    },
  };
}

/**
 * The exporter without what it tells Microsoft of itself (`statsbeat`) and what it asks of settings.sdk.monitor.azure.com
 * every hour. No option switches off the latter; the second argument of its base class switches off both, but the
 * exporter does not pass one on, so that it gets a base in between which does.
 */
function quietExporter(options: AzureMonitorExporterOptions): AzureMonitorMetricExporter {
  class Quiet extends AzureMonitorBaseExporter {
    constructor(given: AzureMonitorExporterOptions) {
      super(given, true);
    }
  }
  Object.setPrototypeOf(AzureMonitorMetricExporter, Quiet);
  return new AzureMonitorMetricExporter(options);
}

/** Sends when it is told to, and at no other time: between invocations nothing is done in the background. */
class ToldReader extends MetricReader {
  readonly #exporter: AzureMonitorMetricExporter;
  readonly #role: string;

  constructor(exporter: AzureMonitorMetricExporter, role: string) {
    super({ aggregationTemporalitySelector: (type) => exporter.selectAggregationTemporality(type) });
    this.#exporter = exporter;
    this.#role = role;
  }

  protected async onForceFlush(): Promise<void> {
    const { resourceMetrics } = await this.collect();
    const named: ResourceMetrics = { ...resourceMetrics, resource: this.#named(resourceMetrics) };
    const { error } = await new Promise<{ readonly error?: Error }>((done, failed) => {
      this.#exporter.export(named, done).catch(failed);
    });
    if (error) throw error;
  }

  /** The resource with the name of the app, where the SDK knows none. */
  #named({ resource }: ResourceMetrics): ResourceMetrics['resource'] {
    return Object.create(resource, { attributes: { value: { 'service.name': this.#role } } });
  }

  protected onShutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }
}

type Recorder = (value: number, dimensions: Measured['dimensions']) => void;

/**
 * Counts are added up; how things stand in a round is the last that was seen; times, of which several may be measured
 * between two sendings, keep their number, sum, least and most.
 */
function recorderOf(meter: ReturnType<MeterProvider['getMeter']>, { name, unit }: Measured): Recorder {
  const { at } = metrics[name as MetricName]; // what is measured is made of that table alone
  if (at === 'round' || at === 'hour') {
    const gauge = meter.createGauge(name, { unit });
    return (value, dimensions) => gauge.record(value, dimensions);
  }
  if (unit === 'Count') {
    const counter = meter.createCounter(name, { unit });
    return (value, dimensions) => counter.add(value, dimensions);
  }
  const histogram = meter.createHistogram(name, { unit });
  return (value, dimensions) => histogram.record(value, dimensions);
}

/** OpenTelemetry's metrics (opentelemetry.io/docs/specs/otel/metrics) with Azure Monitor's exporter; one at a time may send. */
export function metricSender({ stage, connectionString, credential, role, client }: SenderOptions): MetricSender {
  const last: { fault?: ProviderError | undefined } = {};
  const exporter = quietExporter({
    ...client,
    connectionString,
    credential,
    disableOfflineStorage: true,
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [{ policy: deadlined(last), position: 'perCall' }],
  });
  const provider = new MeterProvider({ readers: [new ToldReader(exporter, role)] });
  const meter = provider.getMeter('cordon');
  const recorders = new Map<string, Recorder>();
  return async (measured) => {
    for (const one of measured) {
      const record = recorders.get(one.name) ?? recorderOf(meter, one);
      recorders.set(one.name, record);
      record(one.value, { stage, ...one.dimensions });
    }
    last.fault = undefined;
    try {
      await provider.forceFlush({ timeoutMillis: limitMilliseconds });
    } catch (thrown) {
      throw last.fault ?? thrown;
    }
    if (last.fault) throw last.fault;
  };
}
