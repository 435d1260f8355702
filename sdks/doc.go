// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package sdks has only tests. They check the toolkit against the SDKs of vendors: the classes
// of their errors, their usage reports, and their streams. It is a module of its own, so that
// users do not depend on the SDKs.
package sdks
