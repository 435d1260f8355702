// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package syslog

import "strconv"

// framing marks the end of a message for the receiver.
type framing int

const (
	datagram framing = iota // One message is one datagram: RFC 5426, unix datagram sockets.
	counted                 // The length in bytes comes first: RFC 6587, section 3.4.1, and RFC 5425.
	ended                   // A line end comes last: unix stream sockets.
)

// appendFrame appends a message with its frame. A message of framer.message has no control characters,
// so no receiver can read a part of it as another message, even if a relay frames it again.
func (f framing) appendFrame(dst, message []byte) []byte {
	switch f {
	case counted:
		dst = append(strconv.AppendInt(dst, int64(len(message)), 10), ' ')
		return append(dst, message...)
	case ended:
		return append(append(dst, message...), '\n')
	case datagram:
	}
	return append(dst, message...)
}
