// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package grpcspeech has only tests. They check otelgrpcspeech with Google's client of Speech-to-Text v1 and v2, and servers
// that implement its services.
package grpcspeech
