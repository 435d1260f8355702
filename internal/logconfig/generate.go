// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logconfig

//go:generate go run ../settingsgen ../../README.md
