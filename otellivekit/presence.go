// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
)

// admitted reports whether the server has admitted the agent to the room. The SDK has the
// participants of the room from then on, and calls their callbacks. Its connection state is
// "disconnected" until the media connection is open, too.
func admitted(sdk *lksdk.Room) bool { return sdk.LocalParticipant.Identity() != "" }

// left reports whether the agent has left a room in which it was connected.
func left(sdk *lksdk.Room) bool {
	if sdk.ConnectionState() != lksdk.ConnectionStateDisconnected {
		return false
	}
	connection := receiving(sdk)
	return connection != nil && connection.ConnectionState() == webrtc.PeerConnectionStateClosed
}

// markMethod is a method that no participant calls.
const markMethod = "\x00otelvoice"

// mark gives the room a method and reports whether the room had none. The SDK takes a room's
// methods away when the agent leaves, after it has called the callbacks. That is the only sign
// of room.Disconnect that does not also occur while the agent joins.
func mark(sdk *lksdk.Room) bool {
	return sdk.RegisterRpcMethod(markMethod, unsupported) == nil
}

// unsupported answers as the SDK answers a call of an unknown method.
func unsupported(lksdk.RpcInvocationData) (string, error) {
	return "", &lksdk.RpcError{Code: lksdk.RpcUnsupportedMethod, Message: "Method not supported at destination"}
}

// receiving returns the connection that receives audio, or nil. A room that was joined with
// [lksdk.WithSinglePeerConnection] has only the publisher's.
func receiving(sdk *lksdk.Room) *webrtc.PeerConnection {
	if connection := sdk.LocalParticipant.GetSubscriberPeerConnection(); connection != nil {
		return connection
	}
	return sdk.LocalParticipant.GetPublisherPeerConnection()
}
