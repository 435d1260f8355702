// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelpion

import (
	"encoding/binary"
	"sync"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

var (
	userStream  = &interceptor.StreamInfo{SSRC: 7, MimeType: "audio/opus", ClockRate: 48_000}
	agentStream = &interceptor.StreamInfo{SSRC: 8, MimeType: "audio/PCMU", ClockRate: 8_000}
	videoStream = &interceptor.StreamInfo{SSRC: 9, MimeType: "video/VP8", ClockRate: 90_000}
)

// endless is a stream on which packets in sequence arrive, and any may be sent.
type endless struct{ n uint32 }

func (e *endless) Read(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
	e.n++
	b[0], b[1] = 0x80, 111
	binary.BigEndian.PutUint16(b[2:], uint16(e.n))
	binary.BigEndian.PutUint32(b[4:], e.n*960)
	binary.BigEndian.PutUint32(b[8:], userStream.SSRC)
	return 80, a, nil
}

func (*endless) Write(_ *rtp.Header, payload []byte, _ interceptor.Attributes) (int, error) {
	return len(payload), nil
}

// rtcpStream is a stream on which a packet arrives again and again.
type rtcpStream []byte

func (r rtcpStream) Read(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
	return copy(b, r), a, nil
}

func reportOf(tb testing.TB, at time.Time) []byte {
	tb.Helper()
	raw, err := rtcp.Marshal([]rtcp.Packet{
		&rtcp.SenderReport{SSRC: 7, Reports: []rtcp.ReceptionReport{{SSRC: 99, LastSenderReport: 5}}},
		&rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{Source: 7, Items: []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: "x"}}}}},
		&rtcp.ReceiverReport{SSRC: 7, Reports: []rtcp.ReceptionReport{{SSRC: agentStream.SSRC, LastSenderReport: ntp(at.Add(-time.Second)), Delay: 58_982}}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

// hotPaths are what runs for every packet: with a connection of a session, and with a chain
// without it.
func hotPaths(tb testing.TB) map[string]func() {
	tb.Helper()
	tel, _ := voicetest.Setup(tb)
	ctx, session := tel.StartSession(tb.Context())
	tb.Cleanup(session.End)
	paths := make(map[string]func())
	for name, f := range map[string]interceptor.Factory{"tapped": Interceptor(session), "untapped": Interceptor(nil)} {
		i, _ := f.NewInterceptor("")
		b, a := make([]byte, 1500), interceptor.Attributes{}
		reader := i.BindRemoteStream(userStream, new(endless))
		writer := i.BindLocalStream(agentStream, new(endless))
		control := i.BindRTCPReader(rtcpStream(reportOf(tb, time.Now())))
		header, payload, silence := &rtp.Header{}, make([]byte, 160), make([]byte, 160)
		for i := range silence {
			silence[i] = 0xff
		}
		paths[name+" read"] = func() { _, _, _ = reader.Read(b, a) }
		paths[name+" write"] = func() { _, _ = writer.Write(header, payload, a) }
		paths[name+" write of silence"] = func() { _, _ = writer.Write(header, silence, a) }
		paths[name+" RTCP read"] = func() { _, _, _ = control.Read(b, a) }
	}
	_, turn := session.StartTurn(ctx)
	tb.Cleanup(turn.End)
	return paths
}

func TestPacketsDoNotAllocate(t *testing.T) {
	for name, run := range hotPaths(t) {
		run()
		if n := testing.AllocsPerRun(100, run); n != 0 {
			t.Errorf("a %s allocates %v times", name, n)
		}
	}
}

func BenchmarkPacket(b *testing.B) {
	for name, run := range hotPaths(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				run()
			}
		})
	}
}

func TestReceptionReports(t *testing.T) {
	now := time.Now()
	var got []receptionReport
	receptionReports(reportOf(t, now), func(r receptionReport) { got = append(got, r) })
	if len(got) != 2 || got[0].ssrc != 99 || got[1].ssrc != agentStream.SSRC {
		t.Fatalf("the reports are %+v", got)
	}
	if rtt, ok := got[1].roundTrip(now); !ok || rtt < 99*time.Millisecond || rtt > 101*time.Millisecond {
		t.Errorf("the round trip is %v, %v; want 100 ms", rtt, ok)
	}
	for name, r := range map[string]receptionReport{
		"no sender report arrived": {},
		"from the future":          {lastSender: ntp(now.Add(time.Second))},
		"too long":                 {lastSender: ntp(now.Add(-time.Minute))},
	} {
		if rtt, ok := r.roundTrip(now); ok {
			t.Errorf("%s: the round trip is %v", name, rtt)
		}
	}
}

func FuzzReceptionReports(f *testing.F) {
	f.Add(reportOf(f, time.Unix(1_700_000_000, 0)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var got []receptionReport
		receptionReports(raw, func(r receptionReport) { got = append(got, r) })
		packets, err := rtcp.Unmarshal(raw)
		if err != nil {
			return // pion rejects the whole packet.
		}
		var want []receptionReport
		for _, p := range packets {
			var reports []rtcp.ReceptionReport
			switch p := p.(type) {
			case *rtcp.SenderReport:
				reports = p.Reports
			case *rtcp.ReceiverReport:
				reports = p.Reports
			}
			for _, r := range reports {
				want = append(want, receptionReport{r.SSRC, r.LastSenderReport, r.Delay})
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%d reports, and pion finds %d", len(got), len(want))
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("report %d is %+v, and pion finds %+v", i, got[i], want[i])
			}
		}
	})
}

// Streams of video, and streams beyond the limit, are passed on as they are.
func TestUnmeasuredStreams(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	_, session := tel.StartSession(t.Context())
	defer session.End()
	i, _ := Interceptor(session).NewInterceptor("")
	defer func() { _ = i.Close() }()
	stream := new(endless)
	for n := range maxStreams {
		info := &interceptor.StreamInfo{SSRC: uint32(n), MimeType: "audio/G722", ClockRate: 8_000}
		if i.BindRemoteStream(info, stream) == interceptor.RTPReader(stream) || i.BindLocalStream(info, stream) == interceptor.RTPWriter(stream) {
			t.Fatalf("stream %d of audio is not measured", n)
		}
	}
	for name, info := range map[string]*interceptor.StreamInfo{"video": videoStream, "one too many": userStream, "nil": nil} {
		if i.BindRemoteStream(info, stream) != interceptor.RTPReader(stream) || i.BindLocalStream(info, stream) != interceptor.RTPWriter(stream) {
			t.Errorf("%s: the stream is measured", name)
		}
	}
}

// After the session, packets are not counted. Its end is seen when the metrics are recorded.
func TestAfterTheSession(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	_, session := tel.StartSession(t.Context())
	f, _ := Interceptor(session).(factory)
	i, _ := f.NewInterceptor("")
	reader, b := i.BindRemoteStream(userStream, new(endless)), make([]byte, 1500)
	read := func() { _, _, _ = reader.Read(b, nil) }
	read()
	session.End()
	reader.(*inbound).at = time.Now().Add(-mediaInterval)
	for range 3 {
		read()
	}
	if sum, _ := f.call.sums(); sum.received != 2 {
		t.Errorf("%d packets were counted, want 2", sum.received)
	}
	if i.BindRemoteStream(userStream, new(endless)) == nil || i.Close() != nil {
		t.Error("the interceptor failed")
	}
}

// Calls run at the same time, and each has its own packets.
func TestConcurrentCalls(t *testing.T) {
	const calls, packets = 100, 200
	tel, rec := voicetest.Setup(t)
	var all sync.WaitGroup
	for range calls {
		all.Go(func() {
			ctx, session := tel.StartSession(t.Context())
			defer session.End()
			i, _ := Interceptor(session).NewInterceptor("")
			defer func() { _ = i.Close() }()
			reader := i.BindRemoteStream(userStream, new(endless))
			writer := i.BindLocalStream(agentStream, new(endless))
			control := i.BindRTCPReader(rtcpStream(reportOf(t, time.Now())))
			_, turn := session.StartTurn(ctx)
			var paths sync.WaitGroup
			for _, run := range []func(b []byte){
				func(b []byte) { _, _, _ = reader.Read(b, nil) },
				func(b []byte) { _, _ = writer.Write(&rtp.Header{}, b[:160], nil) },
				func(b []byte) { _, _, _ = control.Read(b, nil) },
			} {
				paths.Go(func() {
					b := make([]byte, 1500)
					for range packets {
						run(b)
					}
				})
			}
			paths.Wait()
			turn.End()
			i.UnbindRemoteStream(userStream)
			i.UnbindLocalStream(agentStream)
		})
	}
	all.Wait()
	turns := rec.Named(semconv.SpanVoiceTurn)
	for _, turn := range turns {
		var received, started int64
		for _, kv := range turn.Attributes() {
			if kv.Key == semconv.VoiceMediaPacketCountKey {
				received = kv.Value.AsInt64()
			}
		}
		for _, e := range turn.Events() {
			if e.Name == semconv.EventVoiceAgentStarted {
				started++
			}
		}
		if received != packets || started != 1 {
			t.Fatalf("a turn received %d packets and started %d times, want %d and 1", received, started, packets)
		}
	}
	if len(turns) != calls {
		t.Errorf("%d turns, want %d", len(turns), calls)
	}
}
