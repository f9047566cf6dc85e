package dev.millrace.nativelib;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;

/**
 * Libraries out of a jar, unpacked once for all processes: a folder is named after what is in it, a
 * file appears whole or not at all, and a damaged one is replaced. Also removes what killed
 * processes and other versions left.
 *
 * @param name of the libraries, which their folder begins with
 */
record Unpacked(Path parent, String name) {
    /** The end of the name of a file that is being written. */
    static final String UNFINISHED = ".tmp";

    /** After which nobody is still writing. */
    private static final Duration ABANDONED = Duration.ofHours(1);

    /** After which nobody of another version is still loading; what is loaded needs no file. */
    private static final Duration OLD = Duration.ofDays(2);

    private record Library(URL source, String file, long bytes, long checksum) {
        static Library of(URL source) throws IOException {
            String path = source.getPath();
            String file = path.substring(path.lastIndexOf('/') + 1);
            // The jar's list of files has both, and nothing need be decompressed.
            if (source.openConnection() instanceof JarURLConnection jar) {
                return new Library(
                        source, file, jar.getJarEntry().getSize(), jar.getJarEntry().getCrc());
            }
            try (InputStream bytes = source.openStream()) {
                CheckedInputStream all = new CheckedInputStream(bytes, new CRC32());
                return new Library(
                        source,
                        file,
                        all.transferTo(OutputStream.nullOutputStream()),
                        all.getChecksum().getValue());
            }
        }

        boolean isIn(Path target) throws IOException {
            return Files.exists(target)
                    && Files.size(target) == bytes
                    && of(target.toUri().toURL()).checksum == checksum;
        }
    }

    /** The folder in which all of them are. */
    Path all(List<URL> sources) throws IOException {
        StringBuilder version = new StringBuilder(name);
        List<Library> libraries = new ArrayList<>();
        for (URL source : sources) {
            Library library = Library.of(source);
            libraries.add(library);
            version.append('-').append(Long.toHexString(library.checksum()));
        }
        Path folder = Files.createDirectories(parent.resolve(version.toString()));
        removeLeftOvers(folder);
        for (Library library : libraries) {
            Path target = folder.resolve(library.file());
            if (!library.isIn(target)) {
                unpack(library, target);
            }
        }
        Files.setLastModifiedTime(folder, FileTime.from(Instant.now()));
        return folder;
    }

    private static void unpack(Library library, Path target) throws IOException {
        Path part = Files.createTempFile(target.getParent(), library.file(), UNFINISHED);
        try (InputStream bytes = library.source().openStream()) {
            Files.copy(bytes, part, StandardCopyOption.REPLACE_EXISTING);
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private void removeLeftOvers(Path current) throws IOException {
        removeAbandoned(parent);
        removeAbandoned(current);
        try (DirectoryStream<Path> versions = Files.newDirectoryStream(parent, name + "-*")) {
            for (Path version : versions) {
                if (!version.equals(current) && isOlder(version, OLD)) {
                    remove(version);
                }
            }
        }
    }

    private static void remove(Path version) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(version)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(version);
    }

    private static void removeAbandoned(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + UNFINISHED)) {
            for (Path file : files) {
                if (isOlder(file, ABANDONED)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static boolean isOlder(Path file, Duration age) throws IOException {
        return Files.exists(file)
                && Files.getLastModifiedTime(file).toInstant().isBefore(Instant.now().minus(age));
    }
}
