// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package sdks has no code: its tests hold the toolkit to the real SDKs that voice agents call
// vendors with: the classes of their errors, their reports of usage, and their streams. It is a
// module of its own, so that no user needs these.
package sdks
