// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package namedvalue reads a name in text and the value that follows it: where the value begins and ends,
// and whether it is a value at all.
package namedvalue
