# shellcheck shell=bash disable=SC2154
# Sourced after lib.sh by what builds images: one-layer image archives, cached by content.

images=$cache/images
image_path=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
shopt -s inherit_errexit
mkdir -p "$images" "$cache/scratch"
trap 'rm -rf "${scratch:-}"' EXIT

# image NAMES KEY FILL...: prints the archive of the image, which may have several names, a line each; where it is
# missing, FILL... FOLDER makes the layer's content. image_command=JSON gives it a command.
image() {
  local tags=() tag file
  mapfile -t tags <<<"$1"
  file=$(tr /: __ <<<"${tags[0]}")-$2.tar
  shift 2
  if [ ! -s "$images/$file" ]; then
    scratch=$(mktemp -d "$cache/scratch/image.XXXXXX")
    chmod 755 "$scratch"
    "$@" "$scratch" >&2
    tar -C "$scratch" --owner=0 --group=0 -c . |
      docker import -c "ENV PATH=$image_path" -c "CMD ${image_command:-[]}" - "${tags[0]}" >&2
    for tag in "${tags[@]:1}"; do docker tag "${tags[0]}" "$tag"; done
    docker save -o "$images/$file.part" "${tags[@]}"
    docker image rm "${tags[@]}" >&2
    mv "$images/$file.part" "$images/$file"
    rm -rf "$scratch"
  fi
  echo "$file"
}

# busybox prints the path of Debian's static busybox: unpacked, since installing it could replace the machine's own.
busybox() {
  local unpacked=$cache/busybox
  if [ ! -x "$unpacked/bin/busybox" ]; then
    scratch=$(mktemp -d "$cache/scratch/busybox.XXXXXX")
    (cd "$scratch" && apt-get download -q busybox-static && dpkg-deb -x ./*.deb "$unpacked") >&2
    rm -rf "$scratch"
  fi
  echo "$unpacked/bin/busybox"
}

# fill_busybox BUSYBOX FOLDER
fill_busybox() {
  local applet
  install -D "$1" "$2/bin/busybox"
  for applet in $("$1" --list | grep -vx busybox); do
    ln -s busybox "$2/bin/$applet"
  done
  mkdir -p "$2/tmp" "$2/etc"
}
