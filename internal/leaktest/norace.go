// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package leaktest

// Parts is into how many parts a test divides its texts, of which it tries one:
// the race detector makes each some ten times as slow.
const Parts = 1
