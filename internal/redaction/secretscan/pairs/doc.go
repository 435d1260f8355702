// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package pairs finds the values of secret names in text, in each notation of names and values.
package pairs
