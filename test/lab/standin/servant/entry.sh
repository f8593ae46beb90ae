#!/bin/sh
# The lab's own entry of the node-servant image, in a Job's pod with the host's root at /openyurt: runs OpenYurt's
# program in the host where the image holds it, else the stand-in beside this file.
set -eu

servant=/openyurt/usr/local/servant
rm -rf "$servant"
mkdir -p "$servant"
cp /usr/local/bin/yurthub "$servant/"
if [ -e /usr/local/bin/yurt-node-servant ]; then
  cp /usr/local/bin/yurt-node-servant "$servant/node-servant"
else
  cp /usr/local/bin/stand-in "$servant/node-servant"
fi
chroot /openyurt /usr/local/servant/node-servant "$@"
rm -rf "$servant"
