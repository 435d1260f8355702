// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package settings

//go:generate go run ../gen/settingsgen ../../docs/settings.md
