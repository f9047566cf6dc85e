package dev.millrace.bundle.graph;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import dev.millrace.bundle.BundleException;
import dev.millrace.bundle.ModelFolder;
import dev.millrace.bundle.Sha256;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Weights that an export keeps in files beside {@code model.onnx}, as PyTorch does by default and
 * every exporter does above 2 GiB. They are read into the model, so that what is grafted is one
 * file, and no tensor is left that ONNX Runtime would open a file for.
 */
public final class ExternalWeights {
    /** What one protobuf message holds, less what the graph itself takes. */
    private static final long MAX_BYTES = Integer.MAX_VALUE - (64L << 20);

    private final Path onnx;
    private final ModelFolder folder;
    private final ModelProto model;

    /** The sizes of the files by the names that the model has for them. */
    private final Map<String, Long> files = new TreeMap<>();

    private long bytes;

    /**
     * @param onnx the model's path, for messages
     * @param folder that the files must be in
     * @throws BundleException where a file is missing, is not of the folder or is too short
     */
    public ExternalWeights(Path onnx, ModelFolder folder, ModelProto model) {
        this.onnx = onnx;
        this.folder = folder;
        this.model = model;
        mapped(
                model,
                tensor -> {
                    long size =
                            files.computeIfAbsent(
                                    text(tensor, "location", ""), name -> size(tensor, name));
                    bytes += length(tensor, size);
                    return tensor;
                });
    }

    /** Names of the files, relative to the folder. */
    public Set<String> names() {
        return files.keySet();
    }

    /** Copies the files into another folder, under the same names. */
    public void copy(Path to) throws IOException {
        for (String name : names()) {
            Path copy = to.resolve(ModelFolder.plain(name));
            Files.createDirectories(copy.getParent());
            try (FileChannel file = folder.open(name)) {
                Files.copy(Channels.newInputStream(file), copy);
            }
        }
    }

    private long size(TensorProto tensor, String location) {
        try (FileChannel file = folder.open(location)) {
            if (file.size() / 2 > MAX_BYTES) {
                // Padding, and weights that nothing reads, take no more than the others.
                throw tooMany(file.size());
            }
            return file.size();
        } catch (IOException e) {
            throw notThere(tensor, location, e);
        }
    }

    private BundleException notThere(TensorProto tensor, String location, IOException e) {
        return wrong(
                tensor,
                location,
                "is the file that holds them, and is not in the model's folder%s; put it there under this name"
                        .formatted(ModelFolder.because(e)));
    }

    /** How many bytes of its file a tensor takes. */
    private long length(TensorProto tensor, long size) {
        long offset = number(tensor, "offset", 0);
        long length = number(tensor, "length", size - offset);
        if (offset < 0 || length < 0 || length > size - offset) {
            throw wrong(
                    tensor,
                    text(tensor, "location", ""),
                    "has %,d bytes, and they are %,d from %,d on; copy the whole file again"
                            .formatted(size, length, offset));
        }
        if (length > MAX_BYTES - bytes) {
            throw tooMany(bytes + length);
        }
        return length;
    }

    private BundleException tooMany(long count) {
        return BundleException.of(
                onnx,
                "weights",
                "%.1f GiB".formatted(count / (double) (1 << 30)),
                "is more than one ONNX file can hold, which is 2 GiB; give a smaller model");
    }

    /** A digest of each file, in the order of their names. */
    List<String> digests() {
        List<String> digests = new ArrayList<>();
        for (String name : names()) {
            try (FileChannel file = folder.open(name)) {
                digests.add(Sha256.hex(file));
            } catch (IOException e) {
                throw unreadable(name, e);
            }
        }
        return digests;
    }

    /** The model with the weights in it. */
    public ModelProto inlined() {
        Map<String, FileChannel> opened = new HashMap<>();
        try {
            for (String name : names()) {
                opened.put(name, folder.open(name));
            }
            return (ModelProto)
                    mapped(
                            model,
                            tensor -> inlined(tensor, opened.get(text(tensor, "location", ""))));
        } catch (IOException e) {
            throw unreadable(names().iterator().next(), e);
        } finally {
            opened.values().forEach(ExternalWeights::close);
        }
    }

    private TensorProto inlined(TensorProto tensor, FileChannel file) {
        try {
            long offset = number(tensor, "offset", 0);
            long length = number(tensor, "length", file.size() - offset);
            return tensor.toBuilder()
                    .clearExternalData()
                    .clearDataLocation()
                    .setRawData(read(file, offset, Math.toIntExact(length)))
                    .build();
        } catch (IOException | ArithmeticException | IllegalArgumentException e) {
            throw wrong(
                    tensor,
                    text(tensor, "location", ""),
                    "cannot be read (" + e + "); copy it again");
        }
    }

    private static ByteString read(FileChannel file, long offset, int length) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(length);
        while (content.hasRemaining()) {
            if (file.read(content, offset + content.position()) < 0) {
                throw new EOFException("the file became shorter");
            }
        }
        return UnsafeByteOperations.unsafeWrap(content.flip());
    }

    /**
     * The message with each tensor replaced that is kept elsewhere, wherever it is: in the bodies
     * of nodes, their attributes, sparse tensors, functions.
     */
    private static Message mapped(Message message, UnaryOperator<TensorProto> change) {
        if (message instanceof TensorProto tensor) {
            return isElsewhere(tensor) ? change.apply(tensor) : tensor;
        }
        Message.Builder changed = null;
        for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
            FieldDescriptor field = entry.getKey();
            if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
                continue;
            }
            int count = field.isRepeated() ? message.getRepeatedFieldCount(field) : 1;
            for (int i = 0; i < count; i++) {
                Message before =
                        (Message)
                                (field.isRepeated()
                                        ? message.getRepeatedField(field, i)
                                        : entry.getValue());
                Message after = mapped(before, change);
                if (after == before) {
                    continue;
                }
                changed = changed == null ? message.toBuilder() : changed;
                if (field.isRepeated()) {
                    changed.setRepeatedField(field, i, after);
                } else {
                    changed.setField(field, after);
                }
            }
        }
        return changed == null ? message : changed.build();
    }

    private static boolean isElsewhere(TensorProto tensor) {
        return tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
    }

    private static String text(TensorProto tensor, String key, String otherwise) {
        return tensor.getExternalDataList().stream()
                .filter(entry -> entry.getKey().equals(key))
                .map(StringStringEntryProto::getValue)
                .findFirst()
                .orElse(otherwise);
    }

    private long number(TensorProto tensor, String key, long otherwise) {
        String value = text(tensor, key, Long.toString(otherwise));
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw wrong(tensor, value, "is no " + key + "; export the model again");
        }
    }

    private BundleException wrong(TensorProto tensor, String value, String remedy) {
        return BundleException.of(
                onnx,
                "weights " + ModelFolder.shown(tensor.getName()),
                ModelFolder.shown(value),
                remedy);
    }

    private BundleException unreadable(String name, IOException e) {
        return BundleException.of(
                folder.path(name), "weights", e, "cannot be read; check the file's permissions");
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // It was only read.
        }
    }
}
