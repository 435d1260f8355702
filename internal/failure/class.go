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
	if isStreamReset(err) {
		return connectionReset
	}
	return answered(err)
}

// isStreamReset reports whether an error says that the peer broke off a stream of HTTP/2 or
// QUIC, or its connection with all streams. net/http's own types are not exported.
func isStreamReset(err error) bool {
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return false
	}
	of := "StreamID"
	switch strings.TrimPrefix(t.Name(), "http2") {
	case "StreamError":
	case "GoAwayError":
		of = "LastStreamID"
	default:
		return false
	}
	_, ok := t.FieldByName(of)
	return ok
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
	errWSANetworkDown        = syscall.Errno(10050)
	errWSANetworkUnreachable = syscall.Errno(10051)
	errWSANetworkReset       = syscall.Errno(10052)
	errWSAConnectionAborted  = syscall.Errno(10053)
	errWSAConnectionReset    = syscall.Errno(10054)
	errWSATimedOut           = syscall.Errno(10060)
	errWSAConnectionRefused  = syscall.Errno(10061)
	errWSAHostDown           = syscall.Errno(10064)
	errWSAHostUnreachable    = syscall.Errno(10065)
)

func errnoClass(errno syscall.Errno) string {
	switch errno { //nolint:exhaustive // The others say nothing of a connection.
	case syscall.ECONNREFUSED, errWSAConnectionRefused:
		return connectionRefused
	case syscall.ECONNRESET, syscall.ENETRESET, syscall.EPIPE, errWSAConnectionReset, errWSANetworkReset:
		return connectionReset
	case syscall.ECONNABORTED, errWSAConnectionAborted:
		return connectionAborted
	case syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN, syscall.EHOSTDOWN,
		errWSANetworkUnreachable, errWSAHostUnreachable, errWSANetworkDown, errWSAHostDown:
		return networkUnreachable
	case syscall.ETIMEDOUT, errWSATimedOut:
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
	e, ok := err.(interface{ Timeout() bool })
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
	if class := textClass(err); class != "" {
		return class
	}
	return awsCode(err)
}

// textClass returns the class of an error of net/http that is not exported and has no type of its
// own, so that one event does not have two classes: a server closes a connection that idles a
// moment before the request is written or after, and streams of HTTP/1 and HTTP/2 are cut alike.
func textClass(err error) string {
	if goType(err) != "*errors.errorString" {
		return ""
	}
	switch err.Error() {
	case "http: server closed idle connection":
		return eof
	case "http: read on closed response body", "http2: response body closed":
		return closed
	case "net/http: request canceled", "net/http: request canceled while waiting for connection":
		return canceled
	}
	return ""
}

// IsRequestCanceled reports whether an error is, or wraps, net/http's for a request that was
// canceled by other means than its context, as [http.Client.Timeout] may do.
func IsRequestCanceled(err error) bool {
	return search(err, textClass) == canceled
}

// awsCode returns the code of an error of AWS, whose type may be the one for all codes.
func awsCode(err error) string {
	e, ok := err.(interface {
		ErrorCode() string
		ErrorMessage() string
	})
	if !ok {
		return ""
	}
	code := e.ErrorCode()
	const others = "._-:"
	if len(code) > maxType/2 || strings.ContainsFunc(code, func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		return !letter && (r < '0' || r > '9') && !strings.ContainsRune(others, r)
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
	e, ok := err.(interface{ Is(target error) bool })
	return ok && e.Is(target)
}

// carrier reports whether an error is of a type that says where another one happened.
func carrier(err error) bool {
	return slices.Contains([]reflect.Type{
		reflect.TypeFor[*url.Error](), reflect.TypeFor[*net.OpError](), reflect.TypeFor[*os.SyscallError](),
	}, reflect.TypeOf(err))
}
