// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package chars classifies the bytes and words of a text, and bounds how far searches look.
package chars
