import asyncio


async def produce(queue):
    for number in range(5):
        await asyncio.sleep(0.001)
        await queue.put(number)
    await queue.put(None)


async def main():
    queue = asyncio.Queue()
    async with asyncio.TaskGroup() as group:
        group.create_task(produce(queue))
        total = 0
        while (item := await queue.get()) is not None:
            total += item
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(10)
    except TimeoutError:
        print(total, "timeout")
    print(await asyncio.to_thread(sum, [1, 2, 3]))


asyncio.run(main())
