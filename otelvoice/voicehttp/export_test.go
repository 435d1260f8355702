// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

// Named is what a span context is called.
var Named = named
