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

// The classes of error.type other than statuses, codes and Go types.
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

// strongClass returns the class of one error, or "". It does not unwrap.
func strongClass(err error) string {
	switch {
	case isOne(err, context.DeadlineExceeded), isOne(err, os.ErrDeadlineExceeded), isOne(err, http.ErrHandlerTimeout):
		return timeout
	case isOne(err, context.Canceled):
		return canceled
	case isOne(err, http.ErrSchemeMismatch): // The server did not answer with TLS.
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
	return statusClass(err)
}

// isStreamReset reports whether an error is a stream of HTTP/2 or QUIC that the peer reset, or a connection
// that it closed with all streams. The types of net/http are not exported.
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

// dnsClass returns the class of a failed look-up. A cancelled look-up is not a failure of DNS.
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

// The socket errors of Windows. Package syscall defines them only on Windows, where no call returns its
// ECONNREFUSED and the like. Other systems have no errors with such high numbers.
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
	switch errno { //nolint:exhaustive // The others do not describe a connection.
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

// isTLS reports whether the type of an error is in crypto/tls or crypto/x509. The type of alerts from the
// peer is not exported.
func isTLS(err error) bool {
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	path := t.PkgPath()
	return (path == "crypto/tls" || path == "crypto/x509") && !isTimeout(err)
}

// timedOut returns the class of an error whose Timeout method reports a timeout.
func timedOut(err error) string {
	if isTimeout(err) {
		return timeout
	}
	return ""
}

func isTimeout(err error) bool {
	e, ok := err.(interface{ Timeout() bool })
	return ok && e.Timeout()
}

// weakClass returns the class of one error that describes the end of a connection or a stream, or has an
// AWS code. A strong class anywhere in the chain takes precedence.
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

// textClass returns the class of an error of net/http that has only a text. Without it, one event had two
// classes: a server may close an idle connection just before or just after the request is written, and a
// stream of HTTP/1 or HTTP/2.
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

// IsRequestCanceled reports whether an error is or wraps net/http's error for a request that was not
// canceled by its context, but for example by [http.Client.Timeout].
func IsRequestCanceled(err error) bool {
	return search(err, textClass) == canceled
}

// awsCode returns the code of an AWS error, whose Go type may be the same for all codes.
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

// isOne reports whether an error is the target, by identity or by its Is method. It does not unwrap.
func isOne(err, target error) bool {
	if reflect.TypeOf(err).Comparable() && err == target { //nolint:errorlint // One error of the chain at a time.
		return true
	}
	e, ok := err.(interface{ Is(target error) bool })
	return ok && e.Is(target)
}

// isNetworkWrapper reports whether an error only adds to another one where it occurred.
func isNetworkWrapper(err error) bool {
	return slices.Contains([]reflect.Type{
		reflect.TypeFor[*url.Error](), reflect.TypeFor[*net.OpError](), reflect.TypeFor[*os.SyscallError](),
	}, reflect.TypeOf(err))
}
