// The nested settings of a provider: context, failover, retryOnFailure.

import { NONE } from "../json/document";
import { ROOT } from "./place";
import { ContextConfig, FailoverConfig, RetryConfig } from "./provider-config";
import { ObjectReader } from "./reader";
import { ContextField, FailoverField, ProviderField, RetryOnFailureField, Table } from "./schema.gen";
import { StatusPatterns } from "./status-patterns";

/** `context`, or null. */
export function readContext(reader: ObjectReader): ContextConfig | null {
  const node = reader.node(ProviderField.CONTEXT);
  if (node == NONE) return null;
  reader.enter(Table.Context, node, ROOT);
  const context = new ContextConfig();
  context.fileUrl = reader.text(ContextField.FILE_URL);
  context.serviceName = reader.text(ContextField.SERVICE_NAME);
  context.servicePort = reader.integer(ContextField.SERVICE_PORT);
  return context;
}

/** `failover`, or null. */
export function readFailover(reader: ObjectReader): FailoverConfig | null {
  const node = reader.node(ProviderField.FAILOVER);
  if (node == NONE) return null;
  reader.enter(Table.Failover, node, ROOT);
  const failover = new FailoverConfig();
  failover.enabled = reader.flag(FailoverField.ENABLED);
  failover.failureThreshold = reader.integer(FailoverField.FAILURE_THRESHOLD);
  failover.cooldownMs = reader.integer(FailoverField.COOLDOWN_DURATION);
  const interval = <i64>reader.integer(FailoverField.HEALTH_CHECK_INTERVAL);
  failover.firstCooldownMs = interval * <i64>reader.integer(FailoverField.SUCCESS_THRESHOLD);
  failover.goesByStatus = reader.node(FailoverField.FAILOVER_ON_STATUS) != NONE;
  failover.onStatus = readPatterns(reader, FailoverField.FAILOVER_ON_STATUS);
  return failover;
}

/** `retryOnFailure`, or null. */
export function readRetry(reader: ObjectReader): RetryConfig | null {
  const node = reader.node(ProviderField.RETRY_ON_FAILURE);
  if (node == NONE) return null;
  reader.enter(Table.RetryOnFailure, node, ROOT);
  const retry = new RetryConfig();
  retry.enabled = reader.flag(RetryOnFailureField.ENABLED);
  retry.maxRetries = reader.integer(RetryOnFailureField.MAX_RETRIES);
  retry.timeoutMs = reader.integer(RetryOnFailureField.RETRY_TIMEOUT);
  retry.onStatus = readPatterns(reader, RetryOnFailureField.RETRY_ON_STATUS);
  return retry;
}

function readPatterns(reader: ObjectReader, field: i32): StatusPatterns {
  const patterns = new StatusPatterns();
  const texts = reader.texts(field);
  for (let k = 0; k < texts.length; k++) patterns.add(texts[k]);
  return patterns;
}
