// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package sdkerrors has no code: its tests hold error.type to the real error types of the SDKs
// that voice agents call vendors with. It is a module of its own, so that no user needs these.
package sdkerrors
