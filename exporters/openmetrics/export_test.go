// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openmetrics

// Timeout is how long metrics may be collected for.
var Timeout = timeout
