// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelpion_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
)

// chain is a factory of one interceptor.
type chain struct{ interceptor.Interceptor }

func (c chain) NewInterceptor(string) (interceptor.Interceptor, error) { return c.Interceptor, nil }

// dropper loses the outgoing packets for which drop returns true.
type dropper struct {
	interceptor.NoOp

	drop func(n int64) bool
	n    atomic.Int64
}

func (d *dropper) BindLocalStream(_ *interceptor.StreamInfo, w interceptor.RTPWriter) interceptor.RTPWriter {
	return interceptor.RTPWriterFunc(func(h *rtp.Header, p []byte, a interceptor.Attributes) (int, error) {
		if d.drop(d.n.Add(1)) {
			return h.MarshalSize() + len(p), nil
		}
		return w.Write(h, p, a)
	})
}

// pair is an agent and a user with a connection on the loopback interface, and a track in each
// direction.
type pair struct {
	t           *testing.T
	agent, user *webrtc.PeerConnection
	speech      *webrtc.TrackLocalStaticSample // Of the agent.
	voice       *webrtc.TrackLocalStaticSample // Of the user.
	arrived     chan uint16                    // The sequence numbers that the agent read.
	played      chan uint16                    // Those that the user read.
}

func connection(t *testing.T, factories ...interceptor.Factory) *webrtc.PeerConnection {
	t.Helper()
	codecs := &webrtc.MediaEngine{}
	if err := codecs.RegisterDefaultCodecs(); err != nil {
		t.Fatal(err)
	}
	registry := &interceptor.Registry{}
	for _, f := range factories {
		registry.Add(f)
	}
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	settings.SetInterfaceFilter(func(name string) bool { return name == "lo" })
	api := webrtc.NewAPI(webrtc.WithMediaEngine(codecs), webrtc.WithInterceptorRegistry(registry), webrtc.WithSettingEngine(settings))
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.GracefulClose() })
	return pc
}

// reports returns interceptors that send a report every 20 ms.
func reports(t *testing.T) (out []interceptor.Factory) {
	t.Helper()
	s, err := report.NewSenderInterceptor(report.SenderInterval(20 * time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	r, err := report.NewReceiverInterceptor(report.ReceiverInterval(20 * time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	return []interceptor.Factory{s, r}
}

func newPair(t *testing.T, mimeType string, agent, user []interceptor.Factory) *pair {
	t.Helper()
	p := &pair{t: t, arrived: make(chan uint16, 10_000), played: make(chan uint16, 10_000)}
	p.agent, p.user = connection(t, agent...), connection(t, user...)
	p.speech = p.track(p.agent, mimeType, p.arrived)
	p.voice = p.track(p.user, mimeType, p.played)
	offer, err := p.user.CreateOffer(nil)
	p.must(err)
	gathered := webrtc.GatheringCompletePromise(p.user)
	p.must(p.user.SetLocalDescription(offer))
	<-gathered
	p.must(p.agent.SetRemoteDescription(*p.user.LocalDescription()))
	answer, err := p.agent.CreateAnswer(nil)
	p.must(err)
	gathered = webrtc.GatheringCompletePromise(p.agent)
	p.must(p.agent.SetLocalDescription(answer))
	connected := make(chan struct{}, 2)
	for _, pc := range []*webrtc.PeerConnection{p.agent, p.user} {
		pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
			if s == webrtc.PeerConnectionStateConnected {
				connected <- struct{}{}
			}
		})
	}
	<-gathered
	p.must(p.user.SetRemoteDescription(*p.agent.LocalDescription()))
	<-connected
	<-connected
	return p
}

// track adds a track to a connection, and reads the tracks that arrive there.
func (p *pair) track(pc *webrtc.PeerConnection, mimeType string, read chan uint16) *webrtc.TrackLocalStaticSample {
	p.t.Helper()
	track, err := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: mimeType}, "audio", "call")
	p.must(err)
	sender, err := pc.AddTrack(track)
	p.must(err)
	go func() {
		for {
			if _, _, err := sender.ReadRTCP(); err != nil {
				return
			}
		}
	}()
	pc.OnTrack(func(remote *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
		go func() {
			for {
				if _, _, err := receiver.ReadRTCP(); err != nil {
					return
				}
			}
		}()
		for {
			packet, _, err := remote.ReadRTP()
			if err != nil {
				return
			}
			read <- packet.SequenceNumber
		}
	})
	return track
}

func (p *pair) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// write sends a sample of 20 ms.
func (p *pair) write(track *webrtc.TrackLocalStaticSample, data []byte) {
	p.t.Helper()
	p.must(track.WriteSample(media.Sample{Data: data, Duration: 20 * time.Millisecond}))
}

// wait waits for packets that were read.
func (p *pair) wait(read chan uint16, n int) {
	p.t.Helper()
	deadline := time.After(20 * time.Second)
	for i := range n {
		select {
		case <-read:
		case <-deadline:
			p.t.Fatalf("%d packets of %d arrived", i, n)
		}
	}
}
