// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package websocket has only tests. They check the frame decoder against gorilla/websocket and
// coder/websocket, and the taps of connections with these and gobwas/ws.
package websocket
