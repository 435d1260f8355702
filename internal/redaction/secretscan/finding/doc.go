// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package finding holds what a scan finds: the places of secrets in a text, and the marks that replace
// them.
package finding
