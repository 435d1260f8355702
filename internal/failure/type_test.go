// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package failure_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/testing/freeport"
)

// Error types with the fields and methods of those in SDKs. Package sdks tests the real ones.
type (
	fieldError    struct{ StatusCode int }
	valueError    struct{ HTTPStatusCode int16 }
	methodError   struct{ n int }
	textError     struct{ Status string }
	responseError struct{ Response *http.Response }
	privateError  struct{ status uint }
	bothError     struct{ Code, Status int } // Like Twilio's.
	payloadError  struct {
		Err *struct{ Code int }
	}
	embeddingError struct{ *fieldError }
	anyError       struct{ Code any }
	pointerError   struct{ Code *int }
	databaseError  struct{ code int }
	namedError     struct{ Status string }
	StatusError    int
	CloseError     struct{ Code int }
	closedError    struct{ Code uint16 }
	panickingError struct{ Response *http.Response }
	grpcError      struct{ status *gRPCStatus }
	gRPCStatus     struct{ code gRPCCode }
	gRPCCode       uint32
	Code           uint32
	connectError   struct{ code Code }
	longTypedError struct{ text string }
	awsError       struct{ code string }
	receiverError  struct{ Status int }
)

func (*fieldError) Error() string               { return "m" }
func (valueError) Error() string                { return "m" }
func (*methodError) Error() string              { return "m" }
func (e *methodError) HTTPStatusCode() int      { return e.n }
func (textError) Error() string                 { return "m" }
func (*responseError) Error() string            { return "m" }
func (privateError) Error() string              { return "m" }
func (*bothError) Error() string                { return "m" }
func (*payloadError) Error() string             { return "m" }
func (embeddingError) Error() string            { return "m" }
func (anyError) Error() string                  { return "m" }
func (pointerError) Error() string              { return "m" }
func (databaseError) Error() string             { return "m" }
func (namedError) Error() string                { return "m" }
func (StatusError) Error() string               { return "m" }
func (*CloseError) Error() string               { return "m" }
func (closedError) Error() string               { return "m" }
func (panickingError) Error() string            { panic("Error") }
func (panickingError) StatusCode() int          { panic("StatusCode") }
func (panickingError) Unwrap() error            { panic("Unwrap") }
func (*grpcError) Error() string                { return "m" }
func (e *grpcError) GRPCStatus() *gRPCStatus    { return e.status }
func (s *gRPCStatus) Code() gRPCCode            { return s.code }
func (connectError) Error() string              { return "m" }
func (e connectError) Code() Code               { return e.code }
func (e longTypedError) Error() string          { return "m" }
func (e longTypedError) ErrorType() string      { return e.text }
func (*awsError) Error() string                 { return "m" }
func (e *awsError) ErrorCode() string           { return e.code }
func (*awsError) ErrorMessage() string          { return "Rate exceeded" }
func (receiverError) Error() string             { return "m" }
func (e *receiverError) StatusCode() (code int) { return e.Status }
func nested(depth int, err error) (wrapped error) {
	for range depth {
		err = fmt.Errorf("again: %w", err)
	}
	return err
}

func TestTypeOfVendorErrors(t *testing.T) {
	status := 503
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"a field", &fieldError{429}, "429"},
		{"a field, wrapped", fmt.Errorf("ask: %w", &fieldError{503}), "503"},
		{"a field, joined after another error", errors.Join(errors.New("x"), &fieldError{529}), "529"},
		{"a field, twenty levels down", nested(20, &fieldError{500}), "500"},
		{"a field of a value, a small number", valueError{401}, "401"},
		{"a method", &methodError{404}, "404"},
		{"a method of a pointer, of a value", receiverError{418}, "418"},
		{"a text", textError{"429 Too Many Requests"}, "429"},
		{"a text without words", textError{"502"}, "502"},
		{"a response", &responseError{&http.Response{StatusCode: http.StatusTooManyRequests}}, "429"},
		{"no response", &responseError{}, "*failure_test.responseError"},
		{"an unexported field", privateError{504}, "504"},
		{"a status beside a vendor's code", &bothError{20429, 429}, "429"},
		{"a payload", &payloadError{&struct{ Code int }{400}}, "400"},
		{"no payload", &payloadError{}, "*failure_test.payloadError"},
		{"embedded", embeddingError{&fieldError{403}}, "403"},
		{"embedded nil", embeddingError{}, "failure_test.embeddingError"},
		{"a number of JSON", anyError{float64(429)}, "429"},
		{"a text of JSON", anyError{"rate_limit_exceeded"}, "failure_test.anyError"},
		{"a pointer to a number", pointerError{&status}, "503"},
		{"no number", pointerError{}, "failure_test.pointerError"},
		{"the error is the number", StatusError(426), "426"},
		{"a status of success", &fieldError{200}, "*failure_test.fieldError"},
		{"no status", &fieldError{0}, "*failure_test.fieldError"},
		{"a redirection", &fieldError{302}, "302"},
		{"a code that is not a status", anyError{302}, "failure_test.anyError"},
		{"a database's code", databaseError{517}, "failure_test.databaseError"},
		{"typed nil", (*fieldError)(nil), "*failure_test.fieldError"},
		{"typed nil, wrapped", fmt.Errorf("ask: %w", (*fieldError)(nil)), "*failure_test.fieldError"},
		{"methods that panic", panickingError{}, "failure_test.panickingError"},
		{"methods that panic, and a response", panickingError{&http.Response{StatusCode: http.StatusInternalServerError}}, "500"},
		{"a deadline in front", fmt.Errorf("%w: %w", context.DeadlineExceeded, &fieldError{503}), "timeout"},
		{"a mail server", &textproto.Error{Code: 450, Msg: "busy"}, "450"},

		{"gRPC", &grpcError{&gRPCStatus{14}}, "UNAVAILABLE"},
		{"gRPC, wrapped", fmt.Errorf("recognise: %w", &grpcError{&gRPCStatus{8}}), "RESOURCE_EXHAUSTED"},
		{"gRPC, OK", &grpcError{&gRPCStatus{0}}, "*failure_test.grpcError"},
		{"gRPC, no such code", &grpcError{&gRPCStatus{99}}, "UNKNOWN"},
		{"gRPC, no status", &grpcError{}, "*failure_test.grpcError"},
		{"gRPC, a code", connectError{16}, "UNAUTHENTICATED"},
		{"gRPC, a name", namedError{"RESOURCE_EXHAUSTED"}, "RESOURCE_EXHAUSTED"},
		{"gRPC, a name of Twirp's", namedError{"canceled"}, "CANCELLED"},

		{"a closed WebSocket", &CloseError{1006}, "1006"},
		{"a closed WebSocket, wrapped", fmt.Errorf("read: %w", closedError{4000}), "4000"},
		{"a close code out of range", &CloseError{5}, "*failure_test.CloseError"},

		{"AWS", &awsError{"ThrottlingException"}, "ThrottlingException"},
		{"AWS, wrapped", fmt.Errorf("%w", &awsError{"ThrottlingException"}), "ThrottlingException"},
		{"AWS, a text", &awsError{"request 4711 was throttled"}, "*failure_test.awsError"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 { // The second time, the type is cached.
				if got := failure.Type(tt.err); got != tt.want {
					t.Errorf("got  %q\nwant %q", got, tt.want)
				}
			}
		})
	}
}

func TestTypeOfGeneralErrors(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"a text", errors.New("the model refused"), "_OTHER"},
		{"a text, wrapped", fmt.Errorf("generate: %w", errors.New("refused")), "_OTHER"},
		{"texts, joined", errors.Join(errors.New("a"), errors.New("b")), "_OTHER"},
		{"a text and EOF", fmt.Errorf("%w: %w", errors.New("stream"), io.EOF), "eof"},
		{"a type and EOF", errors.Join(&os.PathError{Err: os.ErrNotExist}, io.EOF), "*fs.PathError"},
		{"an anonymous type", struct{ error }{errors.New("x")}, "_OTHER"},
		{"EOF", io.EOF, "eof"},
		{"EOF of a request", &url.Error{Op: "Post", URL: "https://api.example.com", Err: io.EOF}, "eof"},
		{"closed", net.ErrClosed, "closed"},
		{"closed pipe", fmt.Errorf("write: %w", io.ErrClosedPipe), "closed"},
		{"a request that was not made", &url.Error{Op: "Get", URL: ":", Err: errors.New("missing protocol scheme")}, "*url.Error"},
		{"an ErrorType of many lines", longTypedError{"  quota \n id 4711"}, "quota"},
		{"a long ErrorType", longTypedError{strings.Repeat("x", 1000)}, strings.Repeat("x", 128)},
		{"an empty ErrorType", longTypedError{" \n"}, "failure_test.longTypedError"},
		{"an ErrorType that is not UTF-8", longTypedError{"a\xff"}, "a\uFFFD"},
		{"an error that wraps itself", &loop{}, "*failure_test.loop"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := failure.Type(tt.err); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// TestTypeOfConnections tests failures of real sockets, as net/http and net return them.
func TestTypeOfConnections(t *testing.T) {
	hangingUp := listen(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 4096)) // Reads the request, so that closing causes no reset.
		_ = conn.Close()
	})
	resetting := listen(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1)) // The client is connected.
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
	})
	silent := listen(t, func(conn net.Conn) { t.Cleanup(func() { _ = conn.Close() }) })
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	get := func(ctx context.Context, url string) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := new(http.Client).Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		return err
	}
	brief, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	gone, cancelGone := context.WithCancel(t.Context())
	cancelGone()
	free := net.JoinHostPort("127.0.0.1", strconv.Itoa(freeport.TCP(t)))
	missing := &net.DNSError{Err: "no such host", Name: "api.example.invalid", IsNotFound: true}

	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"refused", get(t.Context(), "http://"+free), "connection_refused"},
		{"closed without an answer", get(t.Context(), "http://"+hangingUp), "eof"},
		{"closed before the request was written", &url.Error{Op: "Get", Err: errors.New("http: server closed idle connection")}, "eof"},
		{"reset", read(t, resetting), "connection_reset"},
		{"a broken pipe", &net.OpError{Op: "write", Err: &os.SyscallError{Syscall: "write", Err: syscall.EPIPE}}, "connection_reset"},
		{"aborted", &net.OpError{Op: "read", Err: syscall.ECONNABORTED}, "connection_aborted"},
		{"refused on Windows", &net.OpError{Op: "dial", Err: &os.SyscallError{Syscall: "connectex", Err: syscall.Errno(10061)}}, "connection_refused"},
		{"reset on Windows", &net.OpError{Op: "read", Err: &os.SyscallError{Syscall: "wsarecv", Err: syscall.Errno(10054)}}, "connection_reset"},
		{"no route", &net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH}, "network_unreachable"},
		{"no answer before the deadline", get(brief, "http://"+silent), "timeout"},
		{"canceled", get(gone, "http://"+silent), "canceled"},
		{"a deadline of a connection", readUntil(t, silent), "timeout"},
		{"used after Close", readClosed(t, silent), "closed"},
		{"no such host", &url.Error{Op: "Get", Err: &net.OpError{Op: "dial", Err: missing}}, "dns"},
		{"a resolver that times out", &net.DNSError{Err: "i/o timeout", IsTimeout: true}, "dns"},
		{"a look-up that was canceled", lookUp(gone), "canceled"},
		{"an unknown authority", get(t.Context(), secure.URL), "tls"},
		{"no TLS", get(t.Context(), "https://"+plain.Listener.Addr().String()), "tls"},
		{"no TLS, without net/http", handshake(t, plain.Listener.Addr().String()), "tls"},
		{"an alert", alerted(t), "tls"},
		{"a process", exec.Command("sh", "-c", "exit 2").Run(), "*exec.ExitError"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := failure.Type(tt.err); got != tt.want {
				t.Errorf("got  %q\nwant %q, of %#v: %v", got, tt.want, tt.err, tt.err)
			}
		})
	}
}

// listen accepts connections until the test ends.
func listen(t *testing.T, handle func(net.Conn)) (addr string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			handle(conn)
		}
	}()
	return listener.Addr().String()
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func read(t *testing.T, addr string) error {
	t.Helper()
	conn := dial(t, addr)
	if _, err := conn.Write([]byte{1}); err != nil {
		t.Fatal(err)
	}
	_, err := conn.Read(make([]byte, 1))
	return err
}

func readUntil(t *testing.T, addr string) error {
	t.Helper()
	conn := dial(t, addr)
	_ = conn.SetReadDeadline(time.Now().Add(-time.Second))
	_, err := conn.Read(make([]byte, 1))
	return err
}

func readClosed(t *testing.T, addr string) error {
	t.Helper()
	conn := dial(t, addr)
	_ = conn.Close()
	_, err := conn.Read(make([]byte, 1))
	return err
}

func lookUp(ctx context.Context) error {
	_, err := net.DefaultResolver.LookupHost(ctx, "api.example.invalid")
	return err
}

func handshake(t *testing.T, addr string) error {
	t.Helper()
	return tls.Client(dial(t, addr), &tls.Config{ServerName: "x", MinVersion: tls.VersionTLS13}).HandshakeContext(t.Context())
}

// alerted returns the error of a client whose TLS version the server rejects.
func alerted(t *testing.T) error {
	t.Helper()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS13}
	server.StartTLS()
	t.Cleanup(server.Close)
	return tls.Client(dial(t, server.Listener.Addr().String()), &tls.Config{ServerName: "x", MaxVersion: tls.VersionTLS12}).HandshakeContext(t.Context())
}
