// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package failure

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"syscall"
)

// The classes of error.type that are no number, code or type.
const (
	timeout            = "timeout"
	canceled           = "canceled"
	connectionRefused  = "connection_refused"
	connectionReset    = "connection_reset"
	connectionAborted  = "connection_aborted"
	networkUnreachable = "network_unreachable"
	dns                = "dns"
	tlsFailure         = "tls"
	unexpectedEOF      = "unexpected_eof"
	eof                = "eof"
	closed             = "closed"
)

// strongClass returns the class of one error, without those that it wraps, or "".
func strongClass(err error) string {
	switch {
	case isOne(err, context.DeadlineExceeded), isOne(err, os.ErrDeadlineExceeded), isOne(err, http.ErrHandlerTimeout):
		return timeout
	case isOne(err, context.Canceled):
		return canceled
	case isOne(err, http.ErrSchemeMismatch): // Its answer was no TLS.
		return tlsFailure
	}
	switch e := err.(type) { //nolint:errorlint // One error of the chain at a time.
	case syscall.Errno:
		return errnoClass(e)
	case *net.DNSError:
		return dnsClass(e)
	}
	if isTLS(err) {
		return tlsFailure
	}
	return answered(err)
}

// dnsClass returns why a look-up failed: one that was given up is no failure of DNS.
func dnsClass(err *net.DNSError) string {
	switch {
	case err == nil:
		return ""
	case is(err, context.Canceled):
		return canceled
	case is(err, context.DeadlineExceeded):
		return timeout
	}
	return dns
}

// Windows' numbers of errors of sockets. Package syscall has them on Windows alone, where its
// ECONNREFUSED and its like are numbers of its own that no call returns. No other system has
// numbers as high.
const (
	wsaNetworkUnreachable = syscall.Errno(10051)
	wsaConnectionAborted  = syscall.Errno(10053)
	wsaConnectionReset    = syscall.Errno(10054)
	wsaTimedOut           = syscall.Errno(10060)
	wsaConnectionRefused  = syscall.Errno(10061)
	wsaHostUnreachable    = syscall.Errno(10065)
)

func errnoClass(errno syscall.Errno) string {
	switch errno { //nolint:exhaustive // The others say nothing of a connection.
	case syscall.ECONNREFUSED, wsaConnectionRefused:
		return connectionRefused
	case syscall.ECONNRESET, syscall.EPIPE, wsaConnectionReset:
		return connectionReset
	case syscall.ECONNABORTED, wsaConnectionAborted:
		return connectionAborted
	case syscall.ENETUNREACH, syscall.EHOSTUNREACH, wsaNetworkUnreachable, wsaHostUnreachable:
		return networkUnreachable
	case syscall.ETIMEDOUT, wsaTimedOut:
		return timeout
	}
	return ""
}

// isTLS reports whether an error is of a type of crypto/tls or crypto/x509. Alerts that the
// peer sends are of a type that is not exported.
func isTLS(err error) bool {
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	path := t.PkgPath()
	return (path == "crypto/tls" || path == "crypto/x509") && !saysTimeout(err)
}

// timedOut returns the class of an error that says by itself that it is a timeout.
func timedOut(err error) string {
	if saysTimeout(err) {
		return timeout
	}
	return ""
}

func saysTimeout(err error) bool {
	e, ok := err.(interface{ Timeout() bool }) //nolint:errorlint // One error of the chain at a time.
	return ok && e.Timeout()
}

// weakClass returns the class of one error that says how a connection or a stream ended, and
// less than all that was answered before: it counts after the others.
func weakClass(err error) string {
	switch {
	case isOne(err, io.ErrUnexpectedEOF):
		return unexpectedEOF
	case isOne(err, io.EOF):
		return eof
	case isOne(err, net.ErrClosed), isOne(err, os.ErrClosed), isOne(err, io.ErrClosedPipe),
		isOne(err, http.ErrServerClosed), isOne(err, http.ErrBodyReadAfterClose):
		return closed
	}
	return awsCode(err)
}

// awsCode returns the code of an error of AWS, whose type may be the one for all codes.
func awsCode(err error) string {
	e, ok := err.(interface { //nolint:errorlint // One error of the chain at a time.
		ErrorCode() string
		ErrorMessage() string
	})
	if !ok {
		return ""
	}
	code := e.ErrorCode()
	const others = "._-:"
	if len(code) > maxType/2 || strings.ContainsFunc(code, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune(others, r))
	}) {
		return ""
	}
	return code
}

// isOne reports whether an error is the target or says so, without those that it wraps.
func isOne(err, target error) bool {
	if reflect.TypeOf(err).Comparable() && err == target { //nolint:errorlint // One error of the chain at a time.
		return true
	}
	e, ok := err.(interface{ Is(target error) bool }) //nolint:errorlint // Likewise.
	return ok && e.Is(target)
}

// carrier reports whether an error is of a type that says where another one happened.
func carrier(err error) bool {
	return slices.Contains([]reflect.Type{
		reflect.TypeFor[*url.Error](), reflect.TypeFor[*net.OpError](), reflect.TypeFor[*os.SyscallError](),
	}, reflect.TypeOf(err))
}
