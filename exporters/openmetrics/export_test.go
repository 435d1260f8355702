// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openmetrics

// Timeout is the limit for the collection of metrics.
var Timeout = timeout
