// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package media measures how audio arrives: loss, jitter and gaps of RTP streams ([Reception])
// and of frames on a WebSocket ([Frames]). It is arithmetic on numbers and times: it reads no
// clock and records nothing. No value of the package allocates after it was made.
//
// The nested modules otellivekit and otelpion import the package, and they have releases of
// their own: its exported names may be added to, but are not changed or removed.
package media
