package main

import (
	"os"
	"os/signal"
	"syscall"

	"yurt-ssh-standin/internal/logs"
)

// onTerminate returns a channel that closes on the first SIGTERM or SIGINT. The process serves on after it, as the
// real one does; a second signal ends it with status 1.
func onTerminate() <-chan struct{} {
	stop := make(chan struct{})
	received := make(chan os.Signal, 2)
	signal.Notify(received, syscall.SIGTERM, os.Interrupt)
	go func() {
		<-received
		logs.Infof("asked to stop: cleaning the network, heartbeats end, proxying goes on")
		close(stop)
		<-received
		os.Exit(1)
	}()
	return stop
}
