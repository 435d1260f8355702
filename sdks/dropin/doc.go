// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package dropin has only tests. They drive the SDKs of vendors, as their users do, with the HTTP
// transport of package voicehttp against servers on loopback. They check the stages that the
// transport makes, and that the transport changes nothing of what passes through it.
package dropin
