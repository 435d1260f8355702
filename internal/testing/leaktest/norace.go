// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package leaktest

// Parts is the number of parts of the texts, of which a test tries one. The race detector makes each about ten
// times slower.
const Parts = 1
