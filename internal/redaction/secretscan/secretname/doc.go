// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package secretname knows the names of secrets, and the texts after such a name that are not its value:
// statuses, placeholders and empty values.
package secretname
