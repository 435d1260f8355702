// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build race

package otelvoice_test

const raceEnabled = true
