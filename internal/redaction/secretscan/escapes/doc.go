// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package escapes decodes the escapes of JSON, Go, C, CSV, XML and URLs, and the characters that look
// like ASCII ones.
package escapes
