// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package geminilive tests package voicews with the Live client of google.golang.org/genai. The client dials with
// the default dialer of gorilla/websocket.
package geminilive
