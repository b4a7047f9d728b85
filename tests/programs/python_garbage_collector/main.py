import gc
import weakref


class Node:
    pass


node = Node()
node.itself = node
watch = weakref.ref(node)
del node
print(watch() is not None, gc.collect() >= 1, watch())
